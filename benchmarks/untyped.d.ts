// What is installed with the rivals only.
declare module 'echarts';
declare module 'd3-random';

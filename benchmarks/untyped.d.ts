// What is installed with the rivals only.
declare module '@sinonjs/fake-timers';
declare module 'd3-random';
declare module 'echarts';
declare module 'p-retry';

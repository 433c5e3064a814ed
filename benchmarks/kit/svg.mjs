// Pictures. echarts is installed with the rivals.

import * as echarts from 'echarts';

/** The SVG of a picture, from an option of echarts. */
export function toSvg({ width, height }, option) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, backgroundColor: '#ffffff', ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

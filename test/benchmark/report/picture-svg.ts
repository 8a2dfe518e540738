import { type CustomSeriesRenderItem, init } from 'echarts'
import type { Picture } from '../experiment.ts'
import { type Spread, spreadOf } from '../statistics.ts'
import { figure, shortFigure } from './figure.ts'

const WIDTH = 800
const HEAD = 60
const FOOT = 40
const BAR = 36
/** Grey that can be read on white and on black. */
const INK = '#757c85'
const OURS = '#3b82f6'
const OTHER = '#d97706'
/** So that a spread is seen on its bar. */
const BAR_OPACITY = 0.5
/** Classes for what a mouse is over, whose names count the pictures of this process. */
const HOVERING = / class="[^"]*"|<style.*<\/style>\n?/gs
/** Half as high as the ends of a spread are. */
const TICK = 5

/** Draws a picture; the same one for the same figures. */
export function pictureSvg({ title, scale, bars }: Picture): string {
  const spreads = bars.map(({ figures }) => drawnSpreadOf(figures))
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: HEAD + FOOT + BAR * bars.length,
  })
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'sans-serif' },
    title: { text: title, textStyle: { color: INK, fontSize: 16 } },
    grid: { left: 40, right: 30, top: HEAD, bottom: 8, containLabel: true },
    xAxis: {
      type: scale === 'log' ? 'log' : 'value',
      axisLabel: { color: INK, formatter: shortFigure, hideOverlap: true },
      splitLine: { lineStyle: { color: INK, opacity: 0.25 } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ name }, index) => `${name}: ${figure(spreads[index]?.median ?? 0)}`),
      axisLabel: { color: INK, fontSize: 13 },
      axisLine: { lineStyle: { color: INK } },
      axisTick: { show: false },
    },
    series: [
      {
        type: 'bar',
        silent: true,
        barWidth: '60%',
        data: bars.map(({ isOurs }, index) => ({
          value: spreads[index]?.median ?? 0,
          itemStyle: { color: isOurs ? OURS : OTHER, opacity: BAR_OPACITY },
        })),
      },
      {
        type: 'custom',
        silent: true,
        renderItem: drawSpread,
        encode: { x: [0, 1], y: 2 },
        data: spreads.map(({ low, high }, index) => [low, high, index]),
        z: 3,
      },
    ],
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg.replaceAll(HOVERING, '')}\n`
}

function drawnSpreadOf(figures: readonly number[]): Spread {
  const [only, ...others] = figures
  if (only === undefined || others.length > 0) return spreadOf(figures)
  return { median: only, low: only, high: only }
}

/** A line from one end to the other, with a tick at each. */
const drawSpread: CustomSeriesRenderItem = (_, api) => {
  const row = api.value(2)
  const [fromX = 0, y = 0] = api.coord([api.value(0), row])
  const [toX = 0] = api.coord([api.value(1), row])
  const style = { stroke: INK, lineWidth: 2 }
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    ({ type: 'line', shape: { x1, y1, x2, y2 }, style }) as const
  return {
    type: 'group',
    children: [
      line(fromX, y, toX, y),
      line(fromX, y - TICK, fromX, y + TICK),
      line(toX, y - TICK, toX, y + TICK),
    ],
  }
}

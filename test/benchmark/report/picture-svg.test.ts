import { expect, test } from '@jest/globals'
import type { Picture } from '../experiment.ts'
import { pictureSvg } from './picture-svg.ts'

const picture: Picture = {
  title: 'Ids per second',
  scale: 'linear',
  bars: [{ name: 'ours', isOurs: true, figures: [1, 2, 3, 4, 5000, 6000, 7000, 8000, 9000] }],
}

test('a picture tells the median of each bar', () => {
  expect(pictureSvg(picture)).toContain('>ours: 5,000</text>')
})

test('the same figures make the same picture, whatever was drawn before', () => {
  const [first, again] = [pictureSvg(picture), pictureSvg(picture)]
  expect(again).toBe(first)
  expect(pictureSvg({ ...picture, scale: 'log' })).not.toBe(first)
})

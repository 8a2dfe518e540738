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

test('one figure alone is drawn as it is, and two are too few', () => {
  const [bar] = picture.bars
  const of = (figures: number[]) =>
    pictureSvg({ ...picture, bars: bar === undefined ? [] : [{ ...bar, figures }] })
  expect(of([7])).toContain('>ours: 7</text>')
  expect(() => of([7, 8])).toThrow('2 figures are too few.')
})

test('the same figures make the same picture, whatever was drawn before', () => {
  const [first, again] = [pictureSvg(picture), pictureSvg(picture)]
  expect(again).toBe(first)
  expect(pictureSvg({ ...picture, scale: 'log' })).not.toBe(first)
})

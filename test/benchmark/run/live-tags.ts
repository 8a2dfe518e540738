/** The name of one of many tags. */
export function liveTag(number: number): string {
  return `tag-${String(number).padStart(6, '0')}`
}

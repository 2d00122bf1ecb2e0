/** placeholder until the lesson */
export function runDemo(): number {
  return 0;
}

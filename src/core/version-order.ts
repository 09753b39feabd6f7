// Which of two versions comes first. Stands alone because text order puts 1.10 before 1.9.

/** Below 0 when `one` is older; null when one of them is not numbers with dots. */
export function compareVersions(one: string, other: string): number | null {
  const [left, right] = [partsOf(one), partsOf(other)];
  if (left === null || right === null) return null;
  for (let index = 0; index < Math.max(left.numbers.length, right.numbers.length); index += 1) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreReleases(left.pre, right.pre);
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly pre: string } | null {
  const [, numbers, pre = ''] = /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(version) ?? [];
  return numbers === undefined ? null : { numbers: numbers.split('.').map(Number), pre };
}

/** A release comes after everything that led to it. */
function comparePreReleases(one: string, other: string): number {
  if (one === '' || other === '') return Number(one === '') - Number(other === '');
  return one.localeCompare(other, 'en', { numeric: true });
}

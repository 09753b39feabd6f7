// The types of what the build shares with the tests.
export const licensesFile: string;
export function bundleState(root: string): string;
export function bundleRouter(root: string, into: string): Promise<{ readonly router: readonly string[]; readonly lab: readonly string[] }>;

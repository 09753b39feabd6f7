// The type of the one function that a test shares with the lockfile script.
export function missingOptional(lock: unknown): readonly (readonly [name: string, version: string])[];

// What a package's release document says of the version in it, as far as a plan needs it.
import { z } from '../core/zod.js';

const shape = z.looseObject({
  product: z.string(),
  version: z.string(),
  commit: z.string().default('unknown'),
  build_date: z.string().default('unknown'),
  os: z.string(),
  arch: z.string(),
  migrations: z.enum(['none', 'compatible', 'restore-required']).default('none'),
});

export type ReleaseDocument = z.infer<typeof shape>;

/** null for what is no such document. */
export function releaseDocument(text: string): ReleaseDocument | null {
  try {
    const said = shape.safeParse(JSON.parse(text));
    return said.success ? said.data : null;
  } catch {
    return null;
  }
}

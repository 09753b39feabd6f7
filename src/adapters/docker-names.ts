// Names of images as engines read and write them: `repository:tag`, in which a registry may have a port.
import { RouterctlError } from '../core/errors.js';

export interface ImageName {
  readonly repository: string;
  readonly tag: string;
}

const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const named = new RegExp(`^((?:[a-zA-Z0-9.-]+(?::\\d+)?/)?${part}(?:/${part})*):(\\w[\\w.-]{0,127})$`);

/** A name without a tag would mean `latest`, and what looks like an id is none: both are refused. */
export function repositoryAndTag(name: string): ImageName {
  const [, repository, tag] = named.exec(name) ?? [];
  if (repository !== undefined && tag !== undefined && repository !== 'sha256') return { repository, tag };
  throw new RouterctlError('USAGE', `${JSON.stringify(name)} is not a name of an image with its tag`, {
    hint: 'write it as repository:tag, for example router:1.2.0',
  });
}

/** As an engine lists it: without the registry that it assumes. */
export function familiarName(name: string): string {
  return name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\/(?=[^/]+$)/, '');
}

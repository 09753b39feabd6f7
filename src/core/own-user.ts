// Who this process is to the system. Apart because Node throws where the system has no name for a number, as in a container that runs
// as whoever owns the files, and a person without a name must still be able to ask, to hold a lease, and to be in the record.
import { userInfo } from 'node:os';

export interface OwnUser {
  readonly uid: number;
  /** `#1001` where there is none, as sudo takes it. */
  readonly name: string;
}

export function ownUser(): OwnUser {
  try {
    const { uid, username } = userInfo();
    return { uid, name: username };
  } catch {
    const uid = process.geteuid?.() ?? 0;
    return { uid, name: `#${uid}` };
  }
}

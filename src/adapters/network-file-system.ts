// Tells file systems of other machines from local ones: locks and syncs on them cannot be trusted with a journal.
import { readFile } from 'node:fs/promises';

// Magic numbers of statfs(2), as in linux/magic.h and the file systems' own headers.
const networkMagic: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB 2 and 3
  0x01021997, // 9p
  0x5346414f, // AFS
  0x73757245, // Coda
  0x00c36400, // Ceph
  0x01161970, // GFS2
  0x7461636f, // OCFS2
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
]);
const fuseMagic = 0x65735546;
const networkFuse = /^fuse\.(sshfs|glusterfs|s3fs|davfs|rclone|cephfs|mfs|juicefs|gcsfuse|nfs)/;

export async function isNetworkFileSystem(magic: number, device: number): Promise<boolean> {
  // statfs hands some of the 32-bit numbers out with their sign.
  const unsigned = magic >>> 0;
  if (unsigned !== fuseMagic) return networkMagic.has(unsigned);
  return networkFuse.test(await mountedType(device));
}

async function mountedType(device: number): Promise<string> {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const line = mounts.split('\n').find((text) => text.split(' ')[2] === `${major}:${minor}`);
  return line?.split(' - ')[1]?.split(' ')[0] ?? '';
}

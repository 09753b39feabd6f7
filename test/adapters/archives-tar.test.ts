import { archivesTar } from '../../src/adapters/archives-tar.js';
import { unpackingTar } from '../../src/adapters/unpacking-tar.js';
import { archivesContract } from '../contracts/archives-contract.js';

archivesContract('tar', archivesTar(), unpackingTar());

// What a component is installed from, by kind: a change or check that works on one kind of artifact knows nothing of the other.
import type { Component } from './target.js';

type Artifact = NonNullable<Component['artifact']>;
export type BinaryArtifact = Extract<Artifact, { kind: 'binary' }>;
export type ImageArtifact = Extract<Artifact, { kind: 'image' }>;

export const binaryOf = ({ artifact }: Component): BinaryArtifact | undefined => (artifact?.kind === 'binary' ? artifact : undefined);

export const imageOf = ({ artifact }: Component): ImageArtifact | undefined => (artifact?.kind === 'image' ? artifact : undefined);

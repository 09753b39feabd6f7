// Facts about a machine.

export interface SystemReads {
  readonly host: string;
  /** Go's names: linux, darwin, windows. */
  operatingSystem(): Promise<string>;
  /** Go's names: amd64, arm64. */
  architecture(): Promise<string>;
  hostName(): Promise<string>;
  /** Whether a time service keeps the clock; null where nothing here can tell. */
  clockIsKept(): Promise<boolean | null>;
}

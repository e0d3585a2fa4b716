declare module 'fs-native-extensions' {
  /** Of the whole file; false when another open of it has a lock in the way. Released by the last close of this open. */
  export function tryLock(fd: number, options?: { readonly shared?: boolean }): boolean;
}

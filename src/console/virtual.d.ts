declare module 'virtual:commands' {
  import type { Command } from './form/schema';
  import type { CommandPath } from './form/send';
  /** Of each command what loads those of its kind of stream. */
  const commands: Readonly<Record<CommandPath, () => Promise<Readonly<Record<string, Command>>>>>;
  export default commands;
}
declare module '*.css';

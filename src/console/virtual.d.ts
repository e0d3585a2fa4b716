declare module 'virtual:commands' {
  import type { Command } from './form/schema';
  const commands: Readonly<Record<string, Command>>;
  export default commands;
}
declare module '*.css';

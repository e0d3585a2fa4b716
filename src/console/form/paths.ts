import commands from 'virtual:commands';
import type { CommandPath } from './send';

export const isCommand = (path: string): path is CommandPath => path in commands;

/** `OpenBoarding` as it stands in an address: open-boarding. */
export const inAddress = (command: string): string => command.replaceAll(/(?!^)[A-Z]/g, letter => `-${letter}`).toLowerCase();

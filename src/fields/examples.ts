import type { Type } from '@nestjs/common';
import { fieldsOf, groupOf } from './field-registry.js';

/** Where the OpenAPI decorators keep what they know of a property. */
const PROPERTY = 'swagger/apiModelProperties';
const SOME_UUID = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';

interface PropertySchema {
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: unknown;
  readonly format?: string;
}

/** A body that fits, put together from the examples of its required fields. */
export function exampleOf(target: Type): Record<string, unknown> {
  const example: Record<string, unknown> = {};
  for (const [name, { optional, nested, list }] of fieldsOf(target)) {
    if (optional && !groupOf(target).includes(name)) continue;
    const nestedExample = nested && exampleOf(nested());
    example[name] = nestedExample ? (list ? [nestedExample] : nestedExample) : valueFor(target, name, list !== undefined);
  }
  return example;
}

function valueFor(target: Type, name: string, isList: boolean): unknown {
  const schema = (Reflect.getMetadata(PROPERTY, target.prototype as object, name) ?? {}) as PropertySchema;
  if (schema.example !== undefined) return schema.example;
  if (isList) return schema.format === 'uuid' || schema.type === 'array' ? [SOME_UUID] : [];
  if (schema.enum?.[0] !== undefined) return schema.enum[0];
  if (schema.type === Boolean || schema.type === 'boolean') return true;
  if (schema.format === 'uuid') return SOME_UUID;
  return schema.type === 'integer' || schema.type === 'number' ? 1 : 'A text in plain words.';
}

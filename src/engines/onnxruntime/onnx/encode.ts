import protobuf from 'protobufjs/minimal.js';
import { EcfxError } from '../../../errors.ts';
import { size } from '../../../graph/shape.ts';
import {
  dataType,
  opset,
  type OnnxAttribute,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from './model.ts';

/** Protobuf wire tags: field number and wire type. */
const varint = (field: number) => field << 3;
const delimited = (field: number) => (field << 3) | 2;
const fixed32 = (field: number) => (field << 3) | 5;

/** onnx.proto3: AttributeProto.AttributeType. */
const attributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** IR version 8 belongs to opset 17; readers of either understand the file. */
const irVersion = 8;

/** Of one value. */
const bytesOf = { float: 4, float16: 2, int64: 8 } as const;

/** Protobuf's own limit for one message. */
const mostBytes = 2 ** 31 - 1;

/**
 * The bytes of an `.onnx` file. Field numbers are those of onnx.proto3.
 * Throws `EcfxError` (usage) for a model of 2 GiB or more, which no ONNX file can hold.
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const weightBytes = model.initializers.reduce(
    (sum, { type, shape }) => sum + size(shape) * bytesOf[type],
    0,
  );
  if (weightBytes > mostBytes) {
    throw new EcfxError(
      'usage',
      `${model.name}: ${weightBytes} bytes of weights do not fit into an ONNX file (2 GiB at most)`,
    );
  }
  const writer = protobuf.Writer.create();
  writer.uint32(varint(1)).int64(irVersion);
  writer.uint32(delimited(2)).string('ecfx');
  message(writer, 7, () => writeGraph(writer, model));
  for (const [domain, version] of operatorSets(model)) {
    message(writer, 8, () => {
      writer.uint32(delimited(1)).string(domain);
      writer.uint32(varint(2)).int64(version);
    });
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    message(writer, 14, () => {
      writer.uint32(delimited(1)).string(key);
      writer.uint32(delimited(2)).string(value);
    });
  }
  return writer.finish();
}

/** The standard operators and the domains that nodes name; ONNX Runtime's own have one version. */
function operatorSets({ nodes }: OnnxModel): ReadonlyMap<string, number> {
  const sets = new Map([['', opset]]);
  for (const { domain } of nodes) if (domain !== undefined) sets.set(domain, 1);
  return sets;
}

function writeGraph(writer: protobuf.Writer, model: OnnxModel): void {
  for (const node of model.nodes) message(writer, 1, () => writeNode(writer, node));
  writer.uint32(delimited(2)).string(model.name);
  for (const initializer of model.initializers)
    message(writer, 5, () => writeInitializer(writer, initializer));
  for (const value of model.inputs) message(writer, 11, () => writeValue(writer, value));
  for (const value of model.outputs) message(writer, 12, () => writeValue(writer, value));
}

function writeNode(writer: protobuf.Writer, node: OnnxNode): void {
  for (const input of node.inputs) writer.uint32(delimited(1)).string(input);
  for (const output of node.outputs) writer.uint32(delimited(2)).string(output);
  writer.uint32(delimited(3)).string(node.name);
  writer.uint32(delimited(4)).string(node.operator);
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) {
    message(writer, 5, () => writeAttribute(writer, name, attribute));
  }
  if (node.domain !== undefined) writer.uint32(delimited(7)).string(node.domain);
}

function writeAttribute(writer: protobuf.Writer, name: string, attribute: OnnxAttribute): void {
  writer.uint32(delimited(1)).string(name);
  switch (attribute.kind) {
    case 'float':
      writer.uint32(fixed32(2)).float(attribute.value);
      break;
    case 'int':
      writer.uint32(varint(3)).int64(attribute.value);
      break;
    case 'string':
      writer.uint32(delimited(4)).string(attribute.value);
      break;
    case 'ints':
      for (const value of attribute.value) writer.uint32(varint(8)).int64(value);
      break;
  }
  writer.uint32(varint(20)).int32(attributeType[attribute.kind]);
}

function writeInitializer(writer: protobuf.Writer, initializer: OnnxInitializer): void {
  for (const extent of initializer.shape) writer.uint32(varint(1)).int64(extent);
  writer.uint32(varint(2)).int32(dataType[initializer.type]);
  writer.uint32(delimited(8)).string(initializer.name);
  writer.uint32(delimited(9)).bytes(rawData(initializer));
}

/** Little-endian, as the format asks; every platform that Node runs on is. */
function rawData(initializer: OnnxInitializer): Uint8Array {
  const values =
    initializer.type === 'int64'
      ? BigInt64Array.from(initializer.values, (value) => BigInt(value))
      : initializer.values;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function writeValue(writer: protobuf.Writer, value: OnnxValue): void {
  writer.uint32(delimited(1)).string(value.name);
  message(writer, 2, () => {
    message(writer, 1, () => {
      writer.uint32(varint(1)).int32(dataType.float);
      message(writer, 2, () => {
        for (const extent of value.shape) {
          message(writer, 1, () => writer.uint32(varint(1)).int64(extent));
        }
      });
    });
  });
}

function message(writer: protobuf.Writer, field: number, body: () => void): void {
  writer.uint32(delimited(field)).fork();
  body();
  writer.ldelim();
}

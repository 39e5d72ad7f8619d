/** The part of the ONNX format that ecfx writes (onnx/onnx, onnx.proto3), as plain data. */

export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] };

export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  /** The operator's domain; absent for the standard one. */
  readonly domain?: string;
  /** An absent optional input before a present one is the empty string. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxInitializer = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly type: 'float'; readonly values: Float32Array }
  /** As their bits. */
  | { readonly type: 'float16'; readonly values: Uint16Array }
  | { readonly type: 'int64'; readonly values: readonly number[] }
);

/** A float32 tensor that goes in or comes out. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface OnnxModel {
  readonly name: string;
  /** Kept in the file as metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Version of the standard operator set that the nodes are written for. */
export const opset = 17;

/** onnx.proto3: TensorProto.DataType. */
export const dataType = { float: 1, int64: 7, float16: 10 } as const;

import { TestEnvironment } from 'jest-environment-node';

/** Jest's node environment with this realm's typed arrays: native addons (onnxruntime) test their arguments with instanceof. */
export default class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const type of [
      Float32Array,
      Float64Array,
      Int8Array,
      Int16Array,
      Int32Array,
      Uint8Array,
      Uint8ClampedArray,
      Uint16Array,
      Uint32Array,
      BigInt64Array,
      BigUint64Array,
      ArrayBuffer,
    ]) {
      this.global[type.name] = type;
    }
  }
}

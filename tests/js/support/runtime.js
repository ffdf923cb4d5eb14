/** The source of a stand-in for ONNX Runtime whose decoder gives `value` everywhere, or throws. */
export function standIn(name, value) {
  const source = `
    export const env = { wasm: {} };
    export class Tensor { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } }
    export const InferenceSession = {
      async create(model, options) {
        globalThis.opened.push([${JSON.stringify(name)}, options.executionProviders[0], env.wasm.numThreads]);
        return {
          async run(feeds) {
            globalThis.fed.push(feeds);
            if (${value} === null) throw new Error("no device");
            return {
              low_res_masks: { data: new Float32Array(4 * 65536).map((_, i) => ${value} + Math.floor(i / 65536)) },
              scores: { data: new Float32Array(4).fill(${value}) },
            };
          },
          async release() {},
        };
      },
    };`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** Times compute passes: by the card's own clock where the device has `timestamp-query`, else by how long one waits. */
export interface PassTimer {
  /** Milliseconds that the card took for what `encode` puts into one pass. */
  time(encode: (pass: GPUComputePassEncoder) => void): Promise<number>;
  end(): void;
}

export function createPassTimer(device: GPUDevice): PassTimer {
  const stamps = device.features.has('timestamp-query')
    ? device.createQuerySet({ type: 'timestamp', count: 2 })
    : undefined;
  const bufferOf = (usage: number) => device.createBuffer({ size: 16, usage });
  const resolved = bufferOf(GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
  const back = bufferOf(GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  return {
    async time(encode) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass({
        timestampWrites: stamps && { querySet: stamps, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
      });
      encode(pass);
      pass.end();
      if (stamps) encoder.resolveQuerySet(stamps, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, back, 0, 16);
      const submitted = performance.now();
      device.queue.submit([encoder.finish()]);
      await back.mapAsync(GPUMapMode.READ);
      const waited = performance.now() - submitted;
      const [from, to] = new BigUint64Array(back.getMappedRange().slice(0));
      back.unmap();
      return stamps ? Number(to - from) / 1e6 : waited;
    },
    end() {
      stamps?.destroy();
      resolved.destroy();
      back.destroy();
    },
  };
}

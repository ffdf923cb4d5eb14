/**
 * Waiting for the server to finish something with the image: by events, and by asking where events fail to come.
 * @module pages/annotate/waiting
 */

/** @typedef {import("../../net/types.js").ImageInfo} ImageInfo */

const ASK_EVERY = 4000;

/**
 * @param {import("../../net/api.js").Api} api
 * @param {import("../../net/socket.js").Socket} socket
 * @param {number} id
 */
export function createWaiter(api, socket, id) {
  return {
    /**
     * Resolves with the image once `done` holds.
     * @param {(image: ImageInfo) => boolean} done
     * @param {(progress: number | null) => void} [progress]
     * @returns {Promise<ImageInfo>}
     */
    until(done, progress = () => {}) {
      socket.connect();
      return new Promise((resolve) => {
        async function ask() {
          const image = await /** @type {Promise<ImageInfo>} */ (api.get(`/images/${id}`)).catch(() => null);
          if (!image || !done(image)) return;
          clearInterval(timer);
          for (const stop of stops) stop();
          resolve(image);
        }
        const timer = setInterval(() => void ask(), ASK_EVERY);
        const stops = [
          socket.on("image.updated", (data) => data.id === id && void ask()),
          socket.on("job.updated", (data) => {
            if (data.image !== id) return;
            if (data.status === "Running") progress(data.progress || null);
            else if (data.status !== "Queued") void ask();
          }),
          socket.onOpen(() => void ask()),
        ];
        // What ended between the page and the socket sends no event any more.
        void ask();
      });
    },
  };
}

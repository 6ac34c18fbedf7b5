/** The longest answer that is read whole, in octets: that for a batch of 100,000 with its details has a sixth of it. */
const MOST_OCTETS = 128 * 1024 * 1024;

/** The body as text. @throws where it is longer than any answer of the API, whatever still comes */
export async function textOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let octets = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || value === undefined) return text + decoder.decode();
    octets += value.length;
    if (octets > MOST_OCTETS) {
      await reader?.cancel();
      throw new Error(`its answer has more than ${MOST_OCTETS} octets`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

/* What a client is made to do, wherever it runs. */

export const PAGE = "https://shop.example/p/7";
export const AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
export const PRODUCT = { product_id: "a", price: 19.99, quantity: 1 };
export const ORDER = {
  order_id: "o-1",
  revenue: 25.99,
  products: [
    { product_id: "a", price: 19.99, quantity: 1 },
    { product_id: "b", price: 3, quantity: 2 },
  ],
};

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Send `count` events as fast as the client can. */
export async function burst(client, count) {
  for (let n = 0; n < count; n++) await client.send(n);
  return count;
}

/** Send event after event while `going`, and one more; how many those were. */
export async function outage(client, going, ms) {
  let n = 0;
  for (; going(); n++) {
    await client.send(n);
    await pause(ms);
  }
  await client.send(n);
  return n + 1;
}

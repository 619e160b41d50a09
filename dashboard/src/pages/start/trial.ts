/** One page view sent as a browser would, to see that the way is open. */
export async function sendTestEvent(secret: string): Promise<string> {
  const event = { name: "page_view", visitor_id: `test-${crypto.randomUUID()}`, page_url: window.location.href, page_title: "A test event" };
  try {
    const answer = await fetch("/v1/events", { method: "POST", headers: { "Content-Type": "application/json", "X-Write-Key": secret }, body: JSON.stringify([event]) });
    if (answer.ok) return "The server has it, safe on disk.";
    const problem = (await answer.json()) as { detail?: string };
    return problem.detail ?? `The server answered ${answer.status}.`;
  } catch {
    return "The server can't be reached.";
  }
}

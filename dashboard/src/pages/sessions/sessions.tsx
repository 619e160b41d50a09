import { Page } from "../../parts/sheet";

export default function Sessions() {
  return <Page name="Sessions" headline="Sessions">{null}</Page>;
}

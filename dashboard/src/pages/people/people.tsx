import { Page } from "../../parts/sheet";

export default function People() {
  return <Page name="People" headline="People">{null}</Page>;
}

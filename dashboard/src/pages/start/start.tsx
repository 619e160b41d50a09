import { Page } from "../../parts/sheet";

export default function Start() {
  return <Page name="Start" headline="Start">{null}</Page>;
}

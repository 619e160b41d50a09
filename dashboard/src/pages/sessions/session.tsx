import { Page } from "../../parts/sheet";

export default function Session() {
  return <Page name="Session" headline="Session">{null}</Page>;
}

import { Page } from "../../parts/sheet";

export default function Trends() {
  return <Page name="Trends" headline="Trends">{null}</Page>;
}

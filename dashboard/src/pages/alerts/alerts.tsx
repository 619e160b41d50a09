import { Page } from "../../parts/sheet";

export default function Alerts() {
  return <Page name="Alerts" headline="Alerts">{null}</Page>;
}

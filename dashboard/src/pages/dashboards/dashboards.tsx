import { Page } from "../../parts/sheet";

export default function Dashboards() {
  return <Page name="Dashboards" headline="Dashboards">{null}</Page>;
}

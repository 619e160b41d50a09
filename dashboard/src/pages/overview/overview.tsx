import { Page } from "../../parts/sheet";

export default function Overview() {
  return <Page name="Overview" headline="Overview">{null}</Page>;
}

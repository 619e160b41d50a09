import { Page } from "../../parts/sheet";

export default function Live() {
  return <Page name="Live" headline="Live">{null}</Page>;
}

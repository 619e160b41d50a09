import { Page } from "../../parts/sheet";

export default function Classes() {
  return <Page name="Classes" headline="Classes">{null}</Page>;
}

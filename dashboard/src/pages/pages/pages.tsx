import { Page } from "../../parts/sheet";

export default function Pages() {
  return <Page name="Pages" headline="Pages">{null}</Page>;
}

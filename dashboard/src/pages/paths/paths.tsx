import { Page } from "../../parts/sheet";

export default function Paths() {
  return <Page name="Paths" headline="Paths">{null}</Page>;
}

import { Page } from "../../parts/sheet";

export default function Places() {
  return <Page name="Places" headline="Places">{null}</Page>;
}

import { Page } from "../../parts/sheet";

export default function Person() {
  return <Page name="Person" headline="Person">{null}</Page>;
}

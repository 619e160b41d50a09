import { Page } from "../../parts/sheet";

export default function Products() {
  return <Page name="Products" headline="Products">{null}</Page>;
}

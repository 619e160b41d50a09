import { Page } from "../../parts/sheet";

export default function Channels() {
  return <Page name="Channels" headline="Channels">{null}</Page>;
}

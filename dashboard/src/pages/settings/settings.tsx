import { Page } from "../../parts/sheet";

export default function Settings() {
  return <Page name="Settings" headline="Settings">{null}</Page>;
}

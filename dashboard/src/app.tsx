import { Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { Frame } from "./frame/frame";
import { PLACES } from "./frame/places";
import { Page } from "./parts/sheet";

export function App() {
  return (
    <Frame>
      <Suspense fallback={null}>
        <Switch>
          {PLACES.map((place) => (
            <Route key={place.path} path={place.path} component={place.page} />
          ))}
          <Route path="/overview">
            <Redirect to="/" replace />
          </Route>
          <Route>
            <Page name="Not found" headline="There is no page here." lede="The rail names all there are; ⌘K finds one by its name.">
              {null}
            </Page>
          </Route>
        </Switch>
      </Suspense>
    </Frame>
  );
}

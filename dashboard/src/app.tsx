import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { Frame } from "./frame/frame";
import { PLACES } from "./frame/places";
import { Page } from "./parts/sheet";

const Shared = lazy(() => import("./pages/shared/shared"));

/** All pages stand in the frame, but what a link shows to somebody without a log-in. */
export function App() {
  return (
    <Switch>
      <Route path="/shared/:secret">
        <Suspense fallback={null}>
          <Shared />
        </Suspense>
      </Route>
      <Route>
        <Pages />
      </Route>
    </Switch>
  );
}

function Pages() {
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

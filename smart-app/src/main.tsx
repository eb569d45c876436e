import { render } from "preact";
import { App } from "./app";
import { speak } from "./language";
import "./style.css";

speak(navigator.languages);
const place = document.getElementById("app");
if (place) render(<App />, place);

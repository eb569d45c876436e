import { render } from "preact";
import { Root } from "./root";
import { speak } from "./language";
import "./style.css";

speak(navigator.languages);
const place = document.getElementById("app");
if (place) render(<Root />, place);

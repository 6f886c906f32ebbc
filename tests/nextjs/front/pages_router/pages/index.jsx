export { default } from "../panel"

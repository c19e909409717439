/**
 * `messages/km?cart` is the same file as `messages/km`, bundled again for the cart page. Of that
 * copy only the groups that the page asks for remain, which keeps each page's script small.
 */
declare module '*?shop' {
  export const common: typeof import('./en').common;
  export const shop: typeof import('./en').shop;
}
declare module '*?cart' {
  export const common: typeof import('./en').common;
  export const cart: typeof import('./en').cart;
  export const ways: typeof import('./en').ways;
}
declare module '*?ways' {
  export const common: typeof import('./en').common;
  export const ways: typeof import('./en').ways;
}
declare module '*?checkout' {
  export const common: typeof import('./en').common;
  export const checkout: typeof import('./en').checkout;
}
declare module '*?orders' {
  export const common: typeof import('./en').common;
  export const orders: typeof import('./en').orders;
}
declare module '*?recover' {
  export const common: typeof import('./en').common;
  export const recover: typeof import('./en').recover;
}
declare module '*?documents' {
  export const common: typeof import('./en').common;
  export const documents: typeof import('./en').documents;
}
declare module '*?staff' {
  export const common: typeof import('./en').common;
}

// tfjs-core's Node build carries no gradients; the umbrella package registers them, and the cpu backend, in the same registry.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';

// The banner about "a faster backend" is not for our users: the cpu backend is here as the reference.
tf.env().set('PROD', true);

export { tf };
export type Tensor = tf.Tensor;

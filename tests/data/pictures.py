"""Draws the pictures of tests/data/pictures: python3 pictures.py, in that folder. Needs numpy and Pillow."""
from PIL import Image, ImageDraw
import numpy as np
S=8
def draw(strokes,w,h,width):
    im=Image.new('L',(w*S,h*S),0); d=ImageDraw.Draw(im)
    for s in strokes:
        pts=[(x*S,y*S) for x,y in s]
        d.line(pts,fill=255,width=width*S,joint='curve')
        for x,y in pts: d.ellipse((x-width*S/2,y-width*S/2,x+width*S/2,y+width*S/2),fill=255)
    return np.asarray(im.resize((w,h),Image.BOX)).astype(float)/255
rng=np.random.default_rng(1)
# 7: photo on paper with a ramp, rotated by the camera
w,h=90,120
ink=draw([[(28,30),(62,30),(42,92)]],w,h,6)
light=np.linspace(1,0.6,w)[None,:]
v=light*(235-190*ink)+rng.normal(0,4,(h,w))
im=Image.fromarray(np.clip(v,0,255).astype(np.uint8))
ex=Image.Exif(); ex[0x0112]=6   # shown rotated by 90 degrees clockwise
im.rotate(90,expand=True).save('7_photo.jpg',quality=85,exif=ex)
# 1: black on transparent ground
a=draw([[(40,20),(36,80)]],80,100,6)
rgba=np.zeros((100,80,4),np.uint8); rgba[...,3]=(255*a).astype(np.uint8)
Image.fromarray(rgba).save('1_transparent.png',optimize=True)
# 0: chalk, color BMP
t=np.linspace(0,2*np.pi,40)
c=draw([[(32+14*np.cos(x),32+19*np.sin(x)) for x in t]],64,64,5)
rgb=np.stack([30+200*c,70+180*c,50+190*c],-1)
Image.fromarray(rgb.astype(np.uint8)).save('0_chalk.bmp')
# Paper without ink
Image.fromarray(np.full((60,60),255,np.uint8)).save('blank.png',optimize=True)
